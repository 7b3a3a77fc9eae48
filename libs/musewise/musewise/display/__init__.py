"""How answers look in a terminal. Imported only where something is shown."""
