# month: reports/MONTH.svg: temperatures and rain, day by day.
# gnuplot -e "month = '2012-01'" month.gnuplot

rows = "<sqlite3 -readonly -cmd '.timeout 10000' -separator ' ' weather.db" \
    . " \"SELECT date, temp_min, temp_max, precipitation FROM day" \
    . " WHERE date LIKE '" . month . "-%' ORDER BY date\""

set terminal svg size 800,480 font "sans,14" background "white"
set output "reports/" . month . ".svg"
set title "Seattle, " . month
set xdata time
set timefmt "%Y-%m-%d"
set format x "%d"
set ylabel "temperature, °C"
set y2label "rain, mm"
set yrange [-10:40]
set y2range [0:100]
set ytics nomirror
set y2tics
set grid y
set style fill solid 0.5
set boxwidth 64800
plot rows using 1:4 axes x1y2 with boxes lc rgb "#88aacc" title "rain", \
    rows using 1:3 with linespoints lc rgb "#cc4433" pt 7 ps 0.4 \
    title "highest", \
    rows using 1:2 with linespoints lc rgb "#3366aa" pt 7 ps 0.4 \
    title "lowest"
