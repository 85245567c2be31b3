"""Who gets which stall (摊位轮换): a stated sum made as large as can be, proven, and told to everybody."""
