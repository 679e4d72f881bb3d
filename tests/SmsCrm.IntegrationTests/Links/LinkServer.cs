using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Contracts.V1;
using SmsCrm.IntegrationTests.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Links;
using SmsCrm.Pipeline.Provider;
using SmsCrm.TestKit;
using StackExchange.Redis;
using Purpose = SmsCrm.Contracts.V1.Purpose;

namespace SmsCrm.IntegrationTests.Links;

/// <summary>Ingest and the redirect in one process, on real servers; clients say their addresses in a header.</summary>
public sealed class LinkServer(PostgresFixture postgres) : IngestServer(postgres)
{
    public const string Url = "https://shop.example.com/spring?x=1#top";
    private const string Phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private int _addresses;
    private string _databases = "";

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>Which the server's databases take for a data centre's in the United States.</summary>
    public static string DataCentreAddress => "203.0.113.7";

    /// <summary>Which they take for a carrier's in Germany.</summary>
    public static string GermanAddress => "2001:db8:49::7";

    public override async ValueTask InitializeAsync()
    {
        _databases = await RunFolder.NewAsync("addresses");
        await base.InitializeAsync();
    }

    /// <summary>An address that nobody had yet, and that no database knows.</summary>
    public string NewAddress() => string.Create(CultureInfo.InvariantCulture, $"198.51.100.{Interlocked.Increment(ref _addresses)}");

    /// <summary>A text with one link is accepted.</summary>
    /// <returns>Its id, its code, and its record, which nobody has read yet.</returns>
    public async Task<(string Id, string Code, RequestRecord Record)> SendAsync(string campaign = "")
    {
        var answer = await Grpc.SendAsync(
            new SendRequest
            {
                To = "+14155550123",
                Body = "See {{link:offer}}",
                Purpose = Purpose.Transactional,
                CampaignId = campaign,
                Links = { new Link { Placeholder = "offer", Url = Url } },
            },
            Credentials());
        var record = Log.Records.Single(record => new Guid(record.MessageId.Span, bigEndian: true).ToString() == answer.MessageId);
        return (answer.MessageId, record.Body["See https://go.example.com/l/".Length..], record);
    }

    /// <summary>The message's first row is written, as the recorder does it.</summary>
    public async Task RecordAsync(RequestRecord record) =>
        await Services.GetRequiredService<IMessageLedger>().EnqueueAsync([AcceptedMessage.From(record, [])], default);

    public async Task ForgetAllAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Redis.ConnectionString + ",allowAdmin=true");
        await redis.GetServers().Single().FlushAllDatabasesAsync();
    }

    /// <summary>As a process that was just started: nothing in memory.</summary>
    public LinkRedirect NewRedirect() => new(
        new LinkMemory(Services.GetRequiredService<IOptions<LinksOptions>>()),
        Services.GetRequiredService<LinkShelf>(),
        Services.GetRequiredService<LinkReads>(),
        Services.GetRequiredService<LinkHits>(),
        Services.GetRequiredService<ProviderDirectory>(),
        Services.GetRequiredService<IOptions<LinksOptions>>(),
        Services.GetRequiredService<LinksMetrics>(),
        TimeProvider.System);

    public async Task<Answer> FollowAsync(string code, string? address = null, HttpMethod? method = null, string? agent = Phone, string? purpose = null, string? host = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(Http.BaseAddress!, $"/l/{code}"));
        request.Headers.Add("X-Forwarded-For", $"10.0.0.1, {address ?? NewAddress()}");
        request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        request.Headers.TryAddWithoutValidation("Sec-Purpose", purpose);
        using var answer = await _http.SendAsync(request);
        return new Answer(
            answer.StatusCode,
            answer.Headers.Location?.OriginalString,
            string.Join('\n', answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Date")
                .Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order(StringComparer.Ordinal)),
            await answer.Content.ReadAsStringAsync());
    }

    public async Task<T> ReadAsync<T>(string sql, string id)
    {
        await using var command = Database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.Parse(id) });
        return (T)(await command.ExecuteScalarAsync())!;
    }

    protected override void AddMore(IServiceCollection services) =>
        services.AddSingleton<IOptions<LinksOptions>>(
            Options.Create(new LinksOptions
            {
                BaseUrl = "https://go.example.com",
                ClientAddressHeader = "X-Forwarded-For",
                NetworkDatabase = new AddressFile().AddNetwork("203.0.113.0/24", 16_509).AddNetwork("2001:db8:49::/48", 64_500).WriteTo(Path.Combine(_databases, "asn.mmdb")),
                CountryDatabase = new AddressFile().AddCountry("203.0.113.0/24", "US").AddCountry("2001:db8:49::/48", "DE").WriteTo(Path.Combine(_databases, "country.mmdb")),

                // However long a click takes to come after its text.
                TooSoonSeconds = 600,

                // A busy machine is no store that is away.
                RedisTimeoutMs = 5_000,
                LookupTimeoutMs = 5_000,
            }));

    public sealed record Answer(HttpStatusCode Status, string? Location, string Headers, string Body);
}
