"""A sample platform: real chains, coins and pools; invented users, flows and prices."""
