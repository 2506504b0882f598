"""Value objects: addresses, token amounts, money, and the kinds of value an entity's field may hold."""
