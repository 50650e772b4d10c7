"""TPC-H's customers, orders and line items: a data set that nobody here made."""
