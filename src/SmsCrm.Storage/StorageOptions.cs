using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace SmsCrm.Storage;

/// <summary>Where Postgres and Redis are, and how they are spoken to. Bound to <c>SmsCrm:Storage</c>.</summary>
public sealed record StorageOptions
{
    public const string Section = "SmsCrm:Storage";

    /// <summary>Npgsql connection string; what this record sets by itself (pool, deadlines, keepalive) overrides what it says. Required.</summary>
    public string Postgres { get; init; } = "";

    /// <summary>StackExchange.Redis configuration, as <c>host:port</c> with options. Required where a role uses Redis; checked when given.</summary>
    public string Redis { get; init; } = "";

    /// <summary>Deadline of a statement in seconds, 1 to 600. Default 15.</summary>
    public int CommandTimeoutSeconds { get; init; } = 15;

    /// <summary>Deadline for opening a connection, waiting for a free one of the pool included, in seconds, 1 to 60. Default 10.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 10;

    /// <summary>Most connections of this process, 4 to 500. Default 40.</summary>
    public int MaxPoolSize { get; init; } = 40;

    /// <summary>Deadline of a Redis call in milliseconds, 50 to 10,000. Default 1,000.</summary>
    public int RedisTimeoutMs { get; init; } = 1000;

    /// <summary>How many days of messages are kept before their partition is dropped, 2 to 4,000. Default 400.</summary>
    public int RetentionDays { get; init; } = 400;
}

/// <summary>Every mistake in the settings at once, each with setting, value and range.</summary>
internal sealed class StorageOptionsValidation : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var errors = new List<string>();
        CheckPostgres(options.Postgres, errors);
        CheckRedis(options.Redis, errors);
        CheckRange(nameof(options.CommandTimeoutSeconds), options.CommandTimeoutSeconds, 1, 600, errors);
        CheckRange(nameof(options.ConnectTimeoutSeconds), options.ConnectTimeoutSeconds, 1, 60, errors);
        CheckRange(nameof(options.MaxPoolSize), options.MaxPoolSize, 4, 500, errors);
        CheckRange(nameof(options.RedisTimeoutMs), options.RedisTimeoutMs, 50, 10_000, errors);
        CheckRange(nameof(options.RetentionDays), options.RetentionDays, 2, 4000, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckPostgres(string value, List<string> errors)
    {
        const string Setting = $"{StorageOptions.Section}:{nameof(StorageOptions.Postgres)}";
        const string Remedy = "give an Npgsql connection string such as 'Host=127.0.0.1;Port=5432;Username=smscrm;Database=smscrm'";
        if (string.IsNullOrWhiteSpace(value))
        {
            errors.Add($"{Setting} is empty; {Remedy}");
            return;
        }

        try
        {
            if (string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(value).Host))
            {
                errors.Add($"{Setting} names no Host; {Remedy}");
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            // The value itself may hold a password: it is not repeated.
            errors.Add($"{Setting} can't be read ({e.Message.Split('\n')[0]}); {Remedy}");
        }
    }

    private static void CheckRedis(string value, List<string> errors)
    {
        const string Setting = $"{StorageOptions.Section}:{nameof(StorageOptions.Redis)}";
        try
        {
            if (value.Length > 0 && ConfigurationOptions.Parse(value).EndPoints.Count == 0)
            {
                errors.Add($"{Setting} names no server; give 'host:port'");
            }
        }
        catch (ArgumentException e)
        {
            errors.Add($"{Setting} can't be read ({e.Message.Split('\n')[0]}); give 'host:port' with StackExchange.Redis options");
        }
    }

    private static void CheckRange(string setting, int value, int low, int high, List<string> errors)
    {
        if (value < low || value > high)
        {
            errors.Add($"{StorageOptions.Section}:{setting} is {value}; it must be {low} to {high}");
        }
    }
}
