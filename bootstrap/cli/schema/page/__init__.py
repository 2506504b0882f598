"""The page of a schema: one self-contained HTML file that shows every table, who owns it, and what drifted."""
