// What it costs to make other files live, and to take them back, by the number of files.
try SwitchFigures.print()
