using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Messages;
using Purpose = SmsCrm.Contracts.V1.Purpose;

namespace SmsCrm.UnitTests.Pipeline.Ingest;

public sealed class LinksInRequestsTests
{
    private const string Start = "https://go.example.com";
    private const string Url = "https://shop.example.com/spring?x=1#top";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly IngestCaller Caller = new(new TenantId(Guid.CreateVersion7(Now)), "US", Start);

    private readonly FakeTimeProvider _clock = new(Now);
    private readonly FakeRequestLog _log = new();
    private readonly FakeLinkShelf _shelf = new();

    public static TheoryData<string, Action<SendRequest>> Violations => new()
    {
        { "links", static r => Fill(r, 11) },
        { "links", static r => r.Links.Add(r.Links[0].Clone()) },
        { "links[0].placeholder", static r => (r.Body, r.Links[0].Placeholder) = ("Hello", "a b") },
        { "links[0].placeholder", static r => (r.Body, r.Links[0].Placeholder) = ("Hello", "") },
        { "links[0].placeholder", static r => (r.Body, r.Links[0].Placeholder) = ("Hello", new string('p', 41)) },
        { "links[0].url", static r => r.Links[0].Url = "" },
        { "links[0].url", static r => r.Links[0].Url = "https://shop.example.com/" + new string('x', 2_024) },
        { "links[0].url", static r => r.Links[0].Url = "ftp://shop.example.com/" },
        { "links[0].url", static r => r.Links[0].Url = "javascript:alert(1)" },
        { "links[0].url", static r => r.Links[0].Url = "//shop.example.com/" },
        { "links[0].url", static r => r.Links[0].Url = "/spring" },
        { "links[0].url", static r => r.Links[0].Url = "https:shop.example.com" },
        { "links[0].url", static r => r.Links[0].Url = "https://user:secret@shop.example.com/" },
        { "links[0].url", static r => r.Links[0].Url = "https://@shop.example.com/" },
        { "links[0].url", static r => r.Links[0].Url = "https://shop.example.com\\@evil.example/" },
        { "links[0].url", static r => r.Links[0].Url = "https://shop.example.com/a b" },
        { "links[0].url", static r => r.Links[0].Url = "https://shop.example.com/\r\nSet-Cookie: a=b" },
        { "links[0].url", static r => r.Links[0].Url = "https://shöp.example.com/" },
        { "links[0].expires_at", static r => r.Links[0].ExpiresAt = Timestamp.FromDateTimeOffset(Now) },
        { "links[0].expires_at", static r => r.Links[0].ExpiresAt = Timestamp.FromDateTimeOffset(Now.AddDays(401)) },
        { "links[0].expires_at", static r => r.Links[0].ExpiresAt = new Timestamp { Nanos = -1 } },
        { "links[0].expires_at", static r => (r.SendAt, r.Links[0].ExpiresAt) = (In(2), In(1)) },
        { "links[0].code", static r => r.Links[0].Code = "abcdefghij" },
        { "body", static r => r.Body = "No placeholder" },
        { "body", static r => r.Body += " {{link:other}}" },
        { "body", static r => r.Links.Clear() },
        { "body", static r => r.Body = "{{link:offer}}" + new string('x', 1_600) },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void Each_violation_names_its_field_alone(string field, Action<SendRequest> spoil)
    {
        var request = Request();
        spoil(request);

        Assert.Null(new MessageValidator(_clock).Validate(Caller, request, out var violations));

        Assert.Equal([field], violations!.Select(v => v.Field));
    }

    [Fact]
    public void Without_links_braces_are_text_like_any_other_and_a_placeholder_is_not()
    {
        var braces = new SendRequest { To = "+14155550123", Body = "Dear {{name}}, {{ link }}", Purpose = Purpose.Transactional };
        var placeholder = new SendRequest { To = "+14155550123", Body = "See {{link:offer}}", Purpose = Purpose.Transactional };

        Assert.NotNull(new MessageValidator(_clock).Validate(Caller, braces, out _));
        Assert.Null(new MessageValidator(_clock).Validate(Caller, placeholder, out var violations));
        Assert.Equal("has {{link:offer}}, and no link is given for it: add one to links, or take it out", Assert.Single(violations!).Detail);
    }

    [Fact]
    public void Who_has_no_domain_is_told_to_have_one_set()
    {
        Assert.Null(new MessageValidator(_clock).Validate(Caller with { LinkStart = "" }, Request(), out var violations));

        Assert.Contains("link_domain", Assert.Single(violations!).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_body_is_sent_with_the_links_put_in_and_its_segments_are_counted_then()
    {
        var request = Request();
        request.Body = new string('x', 120) + " {{link:offer}}";

        var accepted = Assert.IsType<IngestOutcome.Accepted>(await AcceptAsync(request));

        var record = Record();
        var link = Assert.Single(_shelf.Links);
        Assert.Equal($"{new string('x', 120)} {Start}/l/{link.Code}", record.Body);
        Assert.Equal((1, 1, 1), (Segments.Count(request.Body).Segments, record.Segments, accepted.Segments));
        Assert.Equal(record.Segments, Segments.Count(record.Body).Segments);
        Assert.Equal((accepted.Id, Caller.Tenant, "offer", Url, Now.AddDays(90)), (link.Message, link.Tenant, link.Placeholder, link.Url, link.ExpiresAt));
        Assert.True(LinkCode.IsWellFormed(link.Code));
    }

    [Fact]
    public async Task A_text_grows_by_a_segment_with_its_link()
    {
        var request = Request();
        request.Body = new string('x', 150 - "{{link:offer}}".Length) + "{{link:offer}}";

        var accepted = Assert.IsType<IngestOutcome.Accepted>(await AcceptAsync(request));

        Assert.Equal((1, 2), (Segments.Count(request.Body).Segments, accepted.Segments));
    }

    [Fact]
    public async Task A_placeholder_that_stands_twice_is_one_link_and_two_links_have_two_codes()
    {
        var request = Request();
        request.Body = "{{link:offer}} {{link:offer}} {{link:terms}}";
        request.Links.Add(new Link { Placeholder = "terms", Url = Url, ExpiresAt = In(5) });

        await AcceptAsync(request);

        var links = _shelf.Links.ToArray();
        Assert.Equal($"{Start}/l/{links[0].Code} {Start}/l/{links[0].Code} {Start}/l/{links[1].Code}", Record().Body);
        Assert.NotEqual(links[0].Code, links[1].Code);
        Assert.Equal(Now.AddMinutes(5), links[1].ExpiresAt);
    }

    [Fact]
    public async Task What_links_lasts_from_the_time_of_sending()
    {
        var request = Request();
        request.SendAt = In(60);

        await AcceptAsync(request);

        Assert.Equal(Now.AddMinutes(60).AddDays(90), Assert.Single(_shelf.Links).ExpiresAt);
    }

    [Fact]
    public async Task A_shelf_that_is_away_keeps_no_text_from_being_accepted()
    {
        _shelf.Answer = ShelfAnswer.Away;

        Assert.IsType<IngestOutcome.Accepted>(await AcceptAsync(Request()));
    }

    [Fact]
    public async Task A_code_that_somebody_has_is_not_used()
    {
        _shelf.Answer = ShelfAnswer.Taken;

        var outcome = Assert.IsType<IngestOutcome.Unavailable>(await AcceptAsync(Request()));

        Assert.Empty(_log.Appended);
        Assert.Null(outcome.Id);
    }

    [Fact]
    public void The_same_request_has_the_same_hash_though_other_codes_are_drawn()
    {
        byte[] HashOf(SendRequest request)
        {
            var valid = new MessageValidator(_clock).Validate(Caller, request, out _)!;
            var hash = OutgoingRequest.HashOf(valid.Record);
            OutgoingRequest.Create(Caller, valid, new MessageId(Guid.CreateVersion7(Now)), hash, Now);
            return hash;
        }

        var other = Request();
        other.Links[0].Url += "2";

        Assert.Equal(HashOf(Request()), HashOf(Request()));
        Assert.NotEqual(HashOf(Request()), HashOf(other));
    }

    [Fact]
    public async Task The_same_text_with_other_codes_is_the_same_content()
    {
        await AcceptAsync(Request());
        await AcceptAsync(Request());

        var bodies = _log.Appended.Select(record => RequestRecord.Parser.ParseFrom(record.Value).Body).ToArray();
        Assert.NotEqual(bodies[0], bodies[1]);
        Assert.Equal(ContentHash.Of(bodies[0]), ContentHash.Of(bodies[1]));
    }

    private async Task<IngestOutcome> AcceptAsync(SendRequest request)
    {
        using var intake = Intake.Over(_log, clock: _clock, links: _shelf);
        return await intake.AcceptAsync(Caller, request, default);
    }

    private RequestRecord Record() => RequestRecord.Parser.ParseFrom(Assert.Single(_log.Appended).Value);

    private static SendRequest Request() => new()
    {
        To = "+14155550123",
        Body = "Hello {{link:offer}}",
        Purpose = Purpose.Transactional,
        Links = { new Link { Placeholder = "offer", Url = Url } },
    };

    private static void Fill(SendRequest request, int links)
    {
        for (var i = request.Links.Count; i < links; i++)
        {
            request.Links.Add(new Link { Placeholder = $"l{i}", Url = Url });
        }
    }

    private static Timestamp In(int minutes) => Timestamp.FromDateTimeOffset(Now.AddMinutes(minutes));
}
