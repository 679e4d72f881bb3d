using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Links;

/// <summary>Short links. Bound to <c>SmsCrm:Links</c>.</summary>
public sealed record LinksOptions
{
    public const string Section = "SmsCrm:Links";

    internal const string NetworkDatabaseSetting = $"{Section}:{nameof(NetworkDatabase)}";
    internal const string CountryDatabaseSetting = $"{Section}:{nameof(CountryDatabase)}";

    /// <summary>
    /// Where the links of tenants without a link domain stand: scheme and host, such as <c>https://go.example.com</c>. Default empty: such
    /// tenants' requests with links are refused.
    /// </summary>
    public string BaseUrl { get; init; } = "";

    /// <summary>
    /// The header in which the proxy before this server names the client (its last entry counts), such as <c>X-Forwarded-For</c>. Default
    /// empty: the connection's own address. Behind a proxy without it all clients are one, to the limit on guessing and to
    /// <see cref="CodesPerAddressAndMinute"/>: few clicks would be people's.
    /// </summary>
    public string ClientAddressHeader { get; init; } = "";

    /// <summary>How long Redis keeps a link that does not end before, in hours. 1 to 9,600, default 168; after that Postgres is asked at its first click.</summary>
    [Range(1, 9_600)]
    public int RedisHours { get; init; } = 168;

    /// <summary>Links that a process keeps in memory. 100 to 10,000,000, default 50,000, about 40 MB at most.</summary>
    [Range(100, 10_000_000)]
    public int MemoryLinks { get; init; } = 50_000;

    /// <summary>How long Redis may take, at ingest and at a click, in milliseconds. 10 to 5,000, default 100.</summary>
    [Range(10, 5_000)]
    public int RedisTimeoutMs { get; init; } = 100;

    /// <summary>How long Postgres may take to say whether there is a link, in milliseconds; then the answer is 503. 50 to 5,000, default 250.</summary>
    [Range(50, 5_000)]
    public int LookupTimeoutMs { get; init; } = 250;

    /// <summary>Questions to Postgres at once; more wait within the deadline. 1 to 100, default 8.</summary>
    [Range(1, 100)]
    public int Lookups { get; init; } = 8;

    /// <summary>Links that are not there, by address (IPv6: by /64), before everything is not there for it. 1 to 100,000, default 30.</summary>
    [Range(1, 100_000)]
    public int GuessBurst { get; init; } = 30;

    /// <summary>How many guesses come back in a minute. 1 to 100,000, default 30.</summary>
    [Range(1, 100_000)]
    public int GuessesPerMinute { get; init; } = 30;

    /// <summary>Hits that wait to be written; more are lost, and counted. 100 to 10,000,000, default 100,000.</summary>
    [Range(100, 10_000_000)]
    public int QueuedHits { get; init; } = 100_000;

    /// <summary>A hit that comes before the text's delivery, or sooner after it than this, in seconds, is no person's. 0 to 600, default 3; 0: that is not judged.</summary>
    [Range(0, 600)]
    public int TooSoonSeconds { get; init; } = 3;

    /// <summary>
    /// How long after a hit the delivery may be heard of and still tell that the hit came before it, in seconds. Heard of later, it was the receipt that
    /// was late, and the hit stays as it is. 0 to 3,600, default 60; 0: only a delivery that was heard of before.
    /// </summary>
    [Range(0, 3_600)]
    public int LateReceiptSeconds { get; init; } = 60;

    /// <summary>
    /// Different links that one address (IPv6: one /64) follows within a minute; with more its hits are no person's. 1 to 500, default 10, which takes some
    /// 10 MB at most. Many people share a mobile carrier's IPv4 address: whose campaigns bring many clicks a minute from each raises it.
    /// </summary>
    [Range(1, 500)]
    public int CodesPerAddressAndMinute { get; init; } = 10;

    /// <summary>How long a hit is kept, in days; its count stays. 1 to 3,650, default 400.</summary>
    [Range(1, 3_650)]
    public int HitDays { get; init; } = 400;

    /// <summary>
    /// A file in MaxMind's format (.mmdb) that tells an address' autonomous system (<c>autonomous_system_number</c>, or <c>asn</c>), such as GeoLite2-ASN.
    /// A hit from a data centre's is no person's. It may be replaced at any time: it is looked at every minute. Default empty: no networks are told.
    /// </summary>
    public string NetworkDatabase { get; init; } = "";

    /// <summary>
    /// A file in MaxMind's format (.mmdb) that tells an address' country (<c>country.iso_code</c>, or <c>country_code</c>), such as GeoLite2-Country. A
    /// hit from another country than the recipient's number is no person's. It may be replaced at any time, as the other. Default empty: no countries
    /// are told.
    /// </summary>
    public string CountryDatabase { get; init; } = "";

    /// <summary>Numbers of autonomous systems that are data centres' besides those known (<c>data-centres.csv</c>). 1 to 4,294,967,295 each; default none.</summary>
    public IReadOnlyList<long> MoreDataCentres { get; init; } = [];

    /// <summary>Numbers of autonomous systems that are taken off that list, since people come from them. 1 to 4,294,967,295 each; default none.</summary>
    public IReadOnlyList<long> NoDataCentres { get; init; } = [];

    /// <summary><see cref="BaseUrl"/> as links begin with it.</summary>
    public string Start => BaseUrl.TrimEnd('/');
}

/// <summary>Finds every error of the settings at once.</summary>
internal sealed class LinksOptionsValidator : IValidateOptions<LinksOptions>
{
    public ValidateOptionsResult Validate(string? name, LinksOptions options)
    {
        var errors = new List<string>(new RangeValidation<LinksOptions>(LinksOptions.Section).Validate(name, options).Failures ?? []);
        if (options.BaseUrl.Length > 0
            && !(Uri.TryCreate(options.BaseUrl, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.PathAndQuery == "/" && url.UserInfo.Length == 0))
        {
            errors.Add($"{LinksOptions.Section}:BaseUrl is '{options.BaseUrl}': it must be scheme and host, such as https://go.example.com, or empty.");
        }

        AddNumbers(errors, nameof(LinksOptions.MoreDataCentres), options.MoreDataCentres);
        AddNumbers(errors, nameof(LinksOptions.NoDataCentres), options.NoDataCentres);
        AddDatabase(errors, LinksOptions.NetworkDatabaseSetting, options.NetworkDatabase, LinkOrigins.OpenNetworks, AddressRecords.NetworkFields);
        AddDatabase(errors, LinksOptions.CountryDatabaseSetting, options.CountryDatabase, LinkOrigins.OpenCountries, AddressRecords.CountryFields);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void AddNumbers(List<string> errors, string setting, IReadOnlyList<long> numbers) => errors.AddRange(
        from entry in numbers.Index()
        where entry.Item is < 1 or > uint.MaxValue
        select FormattableString.Invariant($"{LinksOptions.Section}:{setting}:{entry.Index} is {entry.Item}: an autonomous system's number is from 1 to {uint.MaxValue}."));

    private static void AddDatabase<T>(List<string> errors, string setting, string path, Func<string, AddressDatabase<T>> open, string fields)
    {
        if (path.Length == 0)
        {
            return;
        }

        try
        {
            open(path).Dispose();
        }
        catch (InvalidDataException unusable)
        {
            errors.Add($"{setting} is '{path}': {unusable.Message}. Name a MaxMind-format file (.mmdb) with {fields}, or leave it empty.");
        }
    }
}
