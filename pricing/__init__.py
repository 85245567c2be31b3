"""Cap lists and the rules that judge a weighing. Decisions are pure; `price_book` is the one thin shell."""
