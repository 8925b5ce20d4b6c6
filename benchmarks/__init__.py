"""Speed and size, measured against other libraries and against the bars of the README's table."""
