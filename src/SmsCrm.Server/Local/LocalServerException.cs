namespace SmsCrm.Server.Local;

/// <summary>A server of this machine is missing or did not come up. The message says which one, and what helps.</summary>
public sealed class LocalServerException(string message, Exception? inner = null) : Exception(message, inner);
