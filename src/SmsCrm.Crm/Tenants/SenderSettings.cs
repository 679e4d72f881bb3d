using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Tenants;

/// <summary>What a sender is. The default rates are Twilio's (segments per second).</summary>
public enum SenderKind
{
    /// <summary>A US or Canadian long code: 1.</summary>
    LongCode,

    /// <summary>3.</summary>
    TollFree,

    /// <summary>100.</summary>
    ShortCode,

    /// <summary>A name: 10. It can't be answered.</summary>
    Alphanumeric,
}

/// <summary>A number, short code or name that a tenant sends from, as lists show it.</summary>
public sealed record SenderInfo(
    Guid Id, TenantId Tenant, Guid AccountId, string Address, SenderKind Kind, string Pool, int SegmentsPerSecond, bool IsActive, long Version)
{
    /// <summary>Share of its pool, 1 to 100.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>ISO 3166-1 alpha-2 that it may text; empty: whatever its kind allows.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    /// <summary>Why it is blocked; null where it is not, or nobody said.</summary>
    public string? BlockedReason { get; init; }
}

/// <summary>What may be changed of a sender: all of it is replaced.</summary>
/// <param name="Pool">1 to 64 characters.</param>
/// <param name="SegmentsPerSecond">1 to 10,000.</param>
public sealed record SenderChange(string Pool, int SegmentsPerSecond)
{
    /// <summary>Share of its pool, 1 to 100. Default 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>ISO 3166-1 alpha-2 that it may text, up to 250; empty (the default): whatever its kind allows.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    /// <summary>Takes it out of its pool, with 1 to 500 characters that say why; null: it sends.</summary>
    public string? BlockedReason { get; init; }

    /// <summary>What a sender is now, to change a part of it.</summary>
    public static SenderChange Of(SenderInfo sender) => new(sender.Pool, sender.SegmentsPerSecond)
    {
        Weight = sender.Weight,
        Countries = sender.Countries,
        BlockedReason = sender.IsActive ? null : sender.BlockedReason ?? "blocked",
    };

    internal List<string> Errors()
    {
        var errors = new List<string>();
        Check.Name("pool", Pool, 64, errors);
        Check.Range("segments_per_second", SegmentsPerSecond, 1, 10_000, errors);
        Check.Range("weight", Weight, 1, 100, errors);
        Check.Countries("countries", Countries, errors);
        if (BlockedReason is not null)
        {
            Check.Name("blocked_reason", BlockedReason, 500, errors);
        }

        return errors;
    }
}

/// <summary>What a sender is made with. Its address, account and kind stay; rate, pool and state may be changed.</summary>
/// <param name="Address">E.164 with its plus sign; 3 to 8 digits; or a name of 1 to 11 letters, digits and blanks. Unique for the tenant.</param>
public sealed record SenderSettings(Guid AccountId, string Address, SenderKind Kind)
{
    /// <summary>1 to 64 characters. Default <c>default</c>.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>1 to 10,000. Default: the kind's.</summary>
    public int? SegmentsPerSecond { get; init; }

    public bool IsActive { get; init; } = true;

    /// <summary>Share of its pool, 1 to 100. Default 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>ISO 3166-1 alpha-2 that it may text, up to 250; empty (the default): whatever its kind allows.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    internal int Rate => SegmentsPerSecond ?? Kind switch
    {
        SenderKind.LongCode => 1,
        SenderKind.TollFree => 3,
        SenderKind.ShortCode => 100,
        SenderKind.Alphanumeric => 10,
    };

    internal List<string> Errors()
    {
        var errors = new List<string>();
        Check.Name("pool", Pool, 64, errors);
        Check.Range("segments_per_second", Rate, 1, 10_000, errors);
        Check.Range("weight", Weight, 1, 100, errors);
        Check.Countries("countries", Countries, errors);
        var fits = Kind switch
        {
            SenderKind.LongCode or SenderKind.TollFree => PhoneNumber.TryParseE164(Address, out _),
            SenderKind.ShortCode => Address is { Length: >= 3 and <= 8 } && Address.All(char.IsAsciiDigit),
            SenderKind.Alphanumeric => Address is { Length: >= 1 and <= 11 } && Address.All(c => char.IsAsciiLetterOrDigit(c) || c == ' ') && Address.Any(char.IsAsciiLetter),
        };
        if (!fits)
        {
            errors.Add($"address is '{Address}': a {Kind} is " + Kind switch
            {
                SenderKind.ShortCode => "3 to 8 digits.",
                SenderKind.Alphanumeric => "1 to 11 letters, digits and blanks with at least one letter.",
                _ => "a number in E.164, such as +14155550123.",
            });
        }

        return errors;
    }

    public static string Code(SenderKind kind) => kind switch
    {
        SenderKind.LongCode => "long_code",
        SenderKind.TollFree => "toll_free",
        SenderKind.ShortCode => "short_code",
        SenderKind.Alphanumeric => "alphanumeric",
    };

    public static SenderKind KindOf(string code) => Enum.GetValues<SenderKind>().Single(kind => Code(kind) == code);
}
