"""The record formats, each a reader under the name that users type."""
