// What a daemon takes while nobody asks anything of it.
//
//   bench-idle               KAIZEN_IDLE_S=N for another time than 30 seconds
try IdleFigures.print()
