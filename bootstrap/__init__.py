"""Wire the adapters to the ports: settings, opening, containers, the command line, the demo."""
