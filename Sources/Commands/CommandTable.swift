/// Every command, in the order of the help.
enum CommandTable {
  static let all: [Command] =
    StatusCommands.all + AgentCommands.all + ExecCommand.all + RecordCommand.all
    + HealthCommands.all + QualityCommand.all + InsightCommands.all + OptimizeCommand.all
    + UnattendedCommands.all
    + GenerationCommands.all
    + ApprovalCommands.all
    + PluginCommands.all + CallCommands.all + [
      NewPluginCommand.command, TryPluginCommand.command, VerifyPluginCommand.command,
    ] + AuditCommands.all
}
