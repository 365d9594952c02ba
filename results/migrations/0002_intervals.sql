-- How sure a number is: all four are NULL where nobody measured that, and an end
-- alone where the number has no interval.
ALTER TABLE scalars ADD COLUMN low REAL;
ALTER TABLE scalars ADD COLUMN high REAL;
ALTER TABLE scalars ADD COLUMN level REAL;
ALTER TABLE scalars ADD COLUMN method TEXT;
