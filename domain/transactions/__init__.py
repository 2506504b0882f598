"""What happened on chains: blocks, transactions, changes of balances, swaps."""
