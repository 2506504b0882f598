"""Users, their wallets, their address books, and what they save for."""
