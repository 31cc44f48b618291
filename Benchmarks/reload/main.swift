// What replacing a bundle costs those who call its component.
//
//   bench-reload             KAIZEN_REPLACEMENTS=N for another number than 100
try ReloadFigures.print()
