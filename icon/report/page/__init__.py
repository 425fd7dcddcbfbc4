"""The report as one self-contained page: what a run found goes in, the text of an HTML file comes out."""
