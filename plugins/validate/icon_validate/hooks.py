"""The plugin's hooks; importing them is light."""
