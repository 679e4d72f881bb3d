namespace SmsCrm.Server.Commands;

/// <summary>Ends a command with one line on stderr and this exit code.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
