// What `kaizen exec` costs on top of the command it runs.
try ExecFigures.print()
