"""Tools of the checkout; the program itself never imports them."""
