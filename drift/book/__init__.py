"""The book around the package: its chapters, their execution, and the website made of them."""
