using System.Net;
using Microsoft.Extensions.Options;

namespace SmsCrm.Server.Hosting;

/// <summary>Where the server listens and how it ends. Bound to <c>SmsCrm:Server</c>.</summary>
internal sealed record ServerOptions
{
    public const string Section = "SmsCrm:Server";

    /// <summary>The address of every listener: an IP address, or <c>0.0.0.0</c> / <c>::</c> for all. Default <c>127.0.0.1</c>.</summary>
    public string BindAddress { get; init; } = "127.0.0.1";

    /// <summary>REST, web pages, callbacks and links. 1 to 65535, default 8080.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>gRPC over HTTP/2 without TLS. 1 to 65535, default 8081.</summary>
    public int GrpcPort { get; init; } = 8081;

    /// <summary>Metrics and health, kept off the other ports. 1 to 65535, default 9090.</summary>
    public int MetricsPort { get; init; } = 9090;

    /// <summary>How long a stop waits for what is in work, in seconds. 1 to 60, default 25.</summary>
    public int DrainSeconds { get; init; } = 25;

    /// <summary>How long a start waits for Postgres to answer, in seconds. 0 to 600, default 30.</summary>
    public int StartupWaitSeconds { get; init; } = 30;

    /// <summary><c>json</c> (default), one object a line, or <c>text</c> for people.</summary>
    public string LogFormat { get; init; } = "json";

    public IPAddress Address => IPAddress.Parse(BindAddress);
}

internal sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var errors = new List<string>();
        if (!IPAddress.TryParse(options.BindAddress, out _))
        {
            errors.Add($"{ServerOptions.Section}:BindAddress is '{options.BindAddress}': it must be an IP address such as 127.0.0.1 or 0.0.0.0.");
        }

        Range(nameof(options.HttpPort), options.HttpPort, 1, 65535, errors);
        Range(nameof(options.GrpcPort), options.GrpcPort, 1, 65535, errors);
        Range(nameof(options.MetricsPort), options.MetricsPort, 1, 65535, errors);
        Range(nameof(options.DrainSeconds), options.DrainSeconds, 1, 60, errors);
        Range(nameof(options.StartupWaitSeconds), options.StartupWaitSeconds, 0, 600, errors);
        if (new HashSet<int> { options.HttpPort, options.GrpcPort, options.MetricsPort }.Count < 3)
        {
            errors.Add(FormattableString.Invariant(
                $"{ServerOptions.Section}:HttpPort, GrpcPort and MetricsPort are {options.HttpPort}, {options.GrpcPort} and {options.MetricsPort}: they must differ."));
        }

        if (options.LogFormat is not ("json" or "text"))
        {
            errors.Add($"{ServerOptions.Section}:LogFormat is '{options.LogFormat}': it must be json or text.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Range(string setting, int value, int least, int most, List<string> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FormattableString.Invariant($"{ServerOptions.Section}:{setting} is {value}: it must be from {least} to {most}."));
        }
    }
}
