"""What schema coordination needs of the world, as protocols, and its use cases over them."""
