# check: is the day's row one that weather can have? Exit 1 if it is not.

function bad(what)
{
	print ENVIRON["DAG_DATE"] ": " what >"/dev/stderr"
	status = 1
}

# the value of a column, which must be a number from low to high
function number(column, low, high,	value)
{
	value = ENVIRON["DAG_FROM_extract_" column]
	if (value !~ /^-?[0-9]+(\.[0-9]+)?$/)
		bad(column " is \"" value "\", not a number")
	else if (value + 0 < low || value + 0 > high)
		bad(column " is " value ", not in " low " to " high)
	return value + 0
}

BEGIN {
	number("precipitation", 0, 500)
	number("wind", 0, 75)
	if (number("temp_max", -50, 60) < number("temp_min", -50, 60))
		bad("temp_max is less than temp_min")
	weather = ENVIRON["DAG_FROM_extract_weather"]
	if (weather !~ /^(drizzle|fog|rain|snow|sun)$/)
		bad("weather is \"" weather "\", none that we know")
	exit status
}
