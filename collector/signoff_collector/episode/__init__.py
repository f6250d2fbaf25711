"""The sealed file: content, columns, writer, reader and the moments inside it."""
