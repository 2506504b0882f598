"""The commands of the storage: demo, migrate, maintain, status, portfolio, import and export."""
