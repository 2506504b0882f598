"""Who is plugged in where: settings, opening, containers, the command line, the demo."""
