// What a start costs with a million records stored, and what health of a thousand agents costs then.
try StartFigures.print()
