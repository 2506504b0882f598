"""Smart wallets: Safes with their owners, delegates, modules, permissions, transactions and discounts."""
