using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SmsCrm.Pipeline.Messages.Rules;

/// <summary>
/// The document of a tenant's rules as the API shows it and the database keeps it. What is left out has its default. A field that is not known is an
/// error, never ignored.
/// </summary>
public static class TenantRulesJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>What the document may hold, for those who check it first.</summary>
    public static JsonTypeInfo Shape => Options.GetTypeInfo(typeof(Document));

    /// <summary>Throws <see cref="JsonException"/> naming the path of what is wrong.</summary>
    public static TenantRules Read(string json, long version) => ToRules(JsonSerializer.Deserialize<Document>(json, Options) ?? new Document(), version);

    public static string Write(TenantRules rules) => JsonSerializer.Serialize(ToDocument(rules), Options);

    private static TenantRules ToRules(Document document, long version) => new()
    {
        Version = version,
        GateOrder = document.GateOrder ?? [],
        GatesOff = (document.GatesOff ?? []).ToFrozenSet(StringComparer.Ordinal),
        Countries = document.Countries?.ToFrozenSet(StringComparer.Ordinal) ?? TenantRules.DefaultCountries,
        MarketingConsent = document.MarketingConsent ?? ConsentRule.Required,
        QuietHours = new QuietHoursRules
        {
            Hours = [.. (document.QuietHours?.Hours ?? []).Select(hours => new AllowedHours(
                hours.Days.ToFrozenSet(), hours.From, hours.To, hours.Region ?? "", hours.ClosesOtherDays ?? false))],
            AreaCodeMakesState = document.QuietHours?.AreaCodeMakesState ?? true,
            IsConservative = document.QuietHours?.Conservative ?? false,
            TransactionalToo = document.QuietHours?.TransactionalToo ?? false,
        },
        FrequencyCaps = [.. (document.FrequencyCaps ?? []).Select(cap =>
            new FrequencyCap(cap.Purpose, cap.Messages, TimeSpan.FromSeconds(cap.WindowSeconds)))],
        DuplicateWindow = TimeSpan.FromSeconds(document.DuplicateWindowSeconds ?? 0),
        Content = new ContentRules
        {
            OptOutWordingFirst = document.Content?.OptOutWordingFirst ?? true,
            BannedHosts = document.Content?.BannedHosts ?? [],
            MaxSegments = document.Content?.MaxSegments ?? 25,
        },
    };

    private static Document ToDocument(TenantRules rules) => new()
    {
        GateOrder = [.. rules.GateOrder],
        GatesOff = [.. rules.GatesOff.Order(StringComparer.Ordinal)],
        Countries = [.. rules.Countries.Order(StringComparer.Ordinal)],
        MarketingConsent = rules.MarketingConsent,
        QuietHours = new QuietHoursDocument
        {
            Hours = [.. rules.QuietHours.Hours.Select(hours => new HoursDocument
            {
                Days = [.. hours.Days.Order()],
                From = hours.From,
                To = hours.To,
                Region = hours.Region,
                ClosesOtherDays = hours.ClosesOtherDays,
            })],
            AreaCodeMakesState = rules.QuietHours.AreaCodeMakesState,
            Conservative = rules.QuietHours.IsConservative,
            TransactionalToo = rules.QuietHours.TransactionalToo,
        },
        FrequencyCaps = [.. rules.FrequencyCaps.Select(cap =>
            new CapDocument { Purpose = cap.Purpose, Messages = cap.Messages, WindowSeconds = (int)cap.Window.TotalSeconds })],
        DuplicateWindowSeconds = (int)rules.DuplicateWindow.TotalSeconds,
        Content = new ContentDocument
        {
            OptOutWordingFirst = rules.Content.OptOutWordingFirst,
            BannedHosts = [.. rules.Content.BannedHosts],
            MaxSegments = rules.Content.MaxSegments,
        },
    };

    private sealed record Document
    {
        public List<string>? GateOrder { get; init; }

        public List<string>? GatesOff { get; init; }

        public List<string>? Countries { get; init; }

        public ConsentRule? MarketingConsent { get; init; }

        public QuietHoursDocument? QuietHours { get; init; }

        public List<CapDocument>? FrequencyCaps { get; init; }

        public int? DuplicateWindowSeconds { get; init; }

        public ContentDocument? Content { get; init; }
    }

    private sealed record QuietHoursDocument
    {
        public List<HoursDocument>? Hours { get; init; }

        public bool? AreaCodeMakesState { get; init; }

        public bool? Conservative { get; init; }

        public bool? TransactionalToo { get; init; }
    }

    private sealed record HoursDocument
    {
        public required List<DayOfWeek> Days { get; init; }

        public required TimeOnly From { get; init; }

        public required TimeOnly To { get; init; }

        public string? Region { get; init; }

        public bool? ClosesOtherDays { get; init; }
    }

    private sealed record CapDocument
    {
        public Purpose? Purpose { get; init; }

        public required int Messages { get; init; }

        public required int WindowSeconds { get; init; }
    }

    private sealed record ContentDocument
    {
        public bool? OptOutWordingFirst { get; init; }

        public List<string>? BannedHosts { get; init; }

        public int? MaxSegments { get; init; }
    }
}
