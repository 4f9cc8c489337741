# extract: the day's row of the CSV, as values for the tasks that come after.
# A day that is not there is an error.

$1 == ENVIRON["DAG_DATE"] {
	out = ENVIRON["DAG_OUT"]
	print "precipitation=" $2 >out
	print "temp_max=" $3 >out
	print "temp_min=" $4 >out
	print "wind=" $5 >out
	print "weather=" $6 >out
	found = 1
}

END {
	if (!found)
		print ENVIRON["DAG_DATE"] ": not in the file" >"/dev/stderr"
	exit !found
}
