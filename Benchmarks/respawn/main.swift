// What a crash costs: until the next result, and over a thousand of them.
//
//   bench-respawn            KAIZEN_CRASHES=N for another number than 1,000
try RespawnFigures.print()
