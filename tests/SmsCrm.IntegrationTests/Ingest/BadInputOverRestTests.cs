using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>Whatever is wrong, REST says what, and nothing is written.</summary>
public sealed class BadInputOverRestTests(IngestServer server) : IClassFixture<IngestServer>
{
    private const string Good = """{"to": "+14155550123", "body": "Hello", "purpose": "transactional"}""";

    /// <summary>Body, status, the fields that the errors name, and a piece of what is said.</summary>
    public static TheoryData<string, int, string[], string> Messages => new()
    {
        { """{"to": "12", "body": "Hello", "purpose": "transactional"}""", 400, ["to"], "is '12'" },
        { """{"body": "Hello", "purpose": "transactional"}""", 400, ["to"], "is missing" },
        { """{"to": null, "body": "Hello", "purpose": "transactional"}""", 400, ["to"], "is missing" },
        { """{"to": 14155550123, "body": "Hello", "purpose": "transactional"}""", 400, ["to"], "is the number 14155550123: it must be a string" },
        { """{"to": ["+14155550123"], "body": {"text": "x"}, "purpose": true}""", 400, ["to", "body", "purpose"], "is an array" },
        { """{"to": "+14155550123", "body": "", "purpose": "transactional"}""", 400, ["body"], "is missing" },
        { """{"to": "+14155550123", "body": "\ud800", "purpose": "transactional"}""", 400, ["body"], "half a surrogate pair" },
        { """{"to": "+14155550123", "body": "a\u0000b", "purpose": "transactional"}""", 400, ["body"], "\\u0000" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "promo"}""", 400, ["purpose"], "is \"promo\"" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "priority": 9}""", 400, ["priority"], "not a field" },
        { """{"to": "+14155550123", "To": "+14155550199", "body": "Hello", "purpose": "transactional"}""", 400, ["To"], "not a field" },
        { """{"to": "+14155550123", "to": "+14155550199", "body": "Hello", "purpose": "transactional"}""", 400, ["to"], "twice" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "links": {}}""", 400, ["links"], "an array of objects" },
        { """{"to": "+14155550123", "body": "Hello {{link:a}}", "purpose": "transactional", "links": [{"placeholder": "a", "url": 5, "title": "x"}]}""", 400, ["links[0].url", "links[0].title"], "the number 5" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "media_urls": []}""", 400, ["media_urls"], "not supported" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "template_id": "t"}""", 400, ["template_id"], "not supported" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "send_at": "tomorrow"}""", 400, ["send_at"], "ISO 8601" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "send_at": "2030-01-01T09:00:00"}""", 400, ["send_at"], "offset" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "valid_until": "2020-01-01T09:00:00Z"}""", 400, ["valid_until"], "past" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "metadata": {"a": 1}}""", 400, ["metadata[a].value"], "the number 1" },
        { """{"to": "+14155550123", "body": "Hello", "purpose": "transactional", "sender": "A B", "pool": "p"}""", 400, ["sender"], "choose one" },
        { """{"to": "nobody", "body": "", "purpose": "x", "retry_of": "y", "more": 1}""", 400, ["purpose", "more", "to", "body", "retry_of"], "5 fields" },
        { "[]", 400, ["message"], "an array" },
        { "\"hello\"", 400, ["message"], "\"hello\"" },
        { "", 400, [], "The body is empty" },
        { """{"to": "+14155550123", """, 400, [], "not JSON at line 1" },
        { "{\n\"to\": '+14155550123'}", 400, [], "not JSON at line 2" },
        { Good + "}", 400, [], "not JSON at line 1" },
        { "to=%2B14155550123", 400, [], "not JSON" },
        { "\u0000\u0001", 400, [], "not JSON" },
    };

    public static TheoryData<string, string[], string> Batches => new()
    {
        { "{}", ["messages"], "is missing" },
        { """{"messages": []}""", ["messages"], "has 0 messages" },
        { """{"messages": {}}""", ["messages"], "is an object" },
        { """{"messages": [], "dry_run": true}""", ["messages", "dry_run"], "not a field of a batch" },
        { $$"""{"messages": [{{Good}}""", [], "not JSON" },
        { $"[{Good}]", ["body"], "an array" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_bad_message_is_refused_with_its_reasons(string body, int status, string[] fields, string says)
    {
        var (answer, problem) = await PostAsync("/v1/messages", body);

        Assert.Equal(status, (int)answer);
        AssertProblem(problem, status, fields, says);
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task A_bad_batch_is_refused_as_a_whole(string body, string[] fields, string says)
    {
        var (_, problem) = await PostAsync("/v1/messages/batch", body);

        AssertProblem(problem, 400, fields, says);
        await AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task A_batch_of_more_than_a_thousand_is_refused()
    {
        var (_, problem) = await PostAsync("/v1/messages/batch", $$"""{"messages": [{{string.Join(',', Enumerable.Repeat(Good, 1001))}}]}""");

        AssertProblem(problem, 400, ["messages"], "has 1001 messages");
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("/v1/messages", 200_000)]
    [InlineData("/v1/messages/batch", 9_000_000)]
    public async Task An_oversized_body_is_refused_whether_its_length_is_said_or_not(string path, int bytes)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"to": "+14155550123", "body": "{{new string('x', bytes)}}", "purpose": "transactional"}""");
        using var said = new ByteArrayContent(body);
        using var unsaid = new StreamContent(new UnseekableStream(body));
        foreach (var content in new HttpContent[] { said, unsaid })
        {
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            request.Headers.TransferEncodingChunked = content == unsaid;

            using var answer = await server.Http.SendAsync(request);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            AssertProblem(await ReadAsync(answer), 413, [], "bytes");
        }

        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Another_media_type_is_refused(string? type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Good));
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);

        using var answer = await server.Http.PostAsync("/v1/messages", content);

        AssertProblem(await ReadAsync(answer), 415, [], "application/json");
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(null, 401, "There is no API key")]
    [InlineData("Basic dXNlcjpwYXNz", 401, "not an API key")]
    [InlineData("Bearer hello", 401, "not an API key")]
    [InlineData("Bearer smscrm_00000000_0000000000000000000000000000000000000000000", 401, "unknown or revoked")]
    [InlineData("revoked", 401, "unknown or revoked")]
    [InlineData("operator", 403, "operator's key")]
    public async Task A_bad_key_is_refused(string? authorization, int status, string says)
    {
        authorization = authorization switch
        {
            "revoked" => $"Bearer {server.RevokedKey}",
            "operator" => $"Bearer {server.OperatorKey}",
            _ => authorization,
        };
        using var client = new HttpClient { BaseAddress = server.Http.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(Good, Encoding.UTF8, "application/json") };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var answer = await client.SendAsync(request);

        AssertProblem(await ReadAsync(answer), status, [], says);
        Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count > 0);
        await AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\u0007", "control character")]
    public async Task A_bad_idempotency_key_is_refused(string key, string says)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(Good, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);

        using var answer = await server.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.True(text.Length == 0 || text.Contains(says, StringComparison.Ordinal), text);
        await AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Bad_items_of_a_batch_do_not_stop_the_good_ones()
    {
        var before = server.Log.Appended.Count;

        var (status, answer) = await PostAsync(
            "/v1/messages/batch",
            $$"""{"messages": [{{Good}}, {"to": 5, "body": "x", "purpose": "marketing", "client_reference": "second"}, {{Good}}, 7]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((2, 2), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("refused").GetInt32()));
        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal([202, 400, 202, 400], results.Select(static r => r.GetProperty("status").GetInt32()));
        Assert.Equal("second", results[1].GetProperty("error").GetProperty("client_reference").GetString());
        Assert.Equal("to", results[1].GetProperty("error").GetProperty("errors")[0].GetProperty("field").GetString());
        Assert.Equal(before + 2, server.Log.Appended.Count);
        server.Log.Appended.Clear();
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await server.Http.PostAsync(path, content);
        return (answer.StatusCode, await ReadAsync(answer));
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(text.Length > 0, string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} without a body"));
        if (!answer.IsSuccessStatusCode)
        {
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }

        return JsonDocument.Parse(text).RootElement;
    }

    private static void AssertProblem(JsonElement problem, int status, string[] fields, string says)
    {
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        var errors = problem.TryGetProperty("errors", out var given) ? given.EnumerateArray().ToList() : [];
        Assert.Equal(fields, errors.Select(static e => e.GetProperty("field").GetString()));
        var said = string.Join('\n', errors.Select(static e => e.GetProperty("detail").GetString()).Prepend(problem.GetProperty("detail").GetString()));
        Assert.Contains(says, said, StringComparison.Ordinal);
    }

    private async Task AssertNothingWrittenAsync()
    {
        Assert.Empty(server.Log.Appended);
        Assert.Equal(0, await server.RowsAsync());
    }

    /// <summary>Hides its length, so that the body goes out in chunks.</summary>
    private sealed class UnseekableStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
