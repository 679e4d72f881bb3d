using System.Net;
using System.Text;
using System.Text.Json;
using Google.Rpc;
using Grpc.Core;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Streams.Producing;
using StackExchange.Redis;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>A repeat is answered with the first message's id, whatever happened to the first.</summary>
public sealed class IdempotencyTests(IngestServer server) : IClassFixture<IngestServer>, IAsyncLifetime
{
    private static int _number;

    private readonly string _key = $"key {Interlocked.Increment(ref _number)}";

    public ValueTask InitializeAsync()
    {
        server.Log.IsDurable = true;
        server.Log.Instead = null;
        server.Log.Appended.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => InitializeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repeat_gets_the_first_ones_id(bool durable)
    {
        server.Log.IsDurable = durable;

        var first = await SendAsync();
        var second = await SendAsync();
        var third = await SendAsync(static r => r.ClientReference = "another try");

        Assert.False(first.Repeated);
        Assert.Equal((first.MessageId, true), (second.MessageId, second.Repeated));
        Assert.Equal((first.MessageId, true, "another try"), (third.MessageId, third.Repeated, third.ClientReference));
        Assert.All(server.Log.Records, r => Assert.Equal(first.MessageId, new Guid(r.MessageId.Span, bigEndian: true).ToString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_key_with_another_text_is_a_conflict(bool durable)
    {
        server.Log.IsDurable = durable;
        var first = await SendAsync();
        server.Log.Appended.Clear();

        var error = await Assert.ThrowsAsync<RpcException>(() => SendAsync(static r => r.Body = "Another text"));

        Assert.Equal(StatusCode.AlreadyExists, error.StatusCode);
        Assert.Contains(first.MessageId, error.Status.Detail, StringComparison.Ordinal);
        Assert.Empty(server.Log.Appended);
    }

    [Fact]
    public async Task An_append_of_unknown_fate_is_repeated_under_the_same_id()
    {
        server.Log.Instead = static _ => ProduceOutcome.Unknown("The broker went away.");

        var error = await Assert.ThrowsAsync<RpcException>(() => SendAsync());
        server.Log.Instead = null;
        var retry = await SendAsync();

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("retry with this idempotency key", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(retry.MessageId, error.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Metadata["message_id"]);
        Assert.NotNull(error.GetRpcStatus()?.GetDetail<RetryInfo>());
        Assert.True(retry.Repeated);
        Assert.Equal(2, server.Log.Records.Count(r => new Guid(r.MessageId.Span, bigEndian: true).ToString() == retry.MessageId));
    }

    [Fact]
    public async Task An_append_that_failed_for_certain_accepts_nothing()
    {
        server.Log.Instead = static _ => ProduceOutcome.NotAppended("The queue was full.");

        var error = await Assert.ThrowsAsync<RpcException>(() => SendAsync());

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("Nothing was accepted", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_Redis_lost_is_found_in_the_ledger()
    {
        server.Log.IsDurable = false;
        var first = await SendAsync();
        await FlushRedisAsync();
        server.Log.IsDurable = true;
        server.Log.Appended.Clear();

        var repeat = await SendAsync();
        var fromRedis = await SendAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => SendAsync(static r => r.Body = "Another text"));

        Assert.Equal((first.MessageId, true), (repeat.MessageId, repeat.Repeated));
        Assert.Equal((first.MessageId, true), (fromRedis.MessageId, fromRedis.Repeated));
        Assert.Equal(StatusCode.AlreadyExists, error.StatusCode);
        Assert.Empty(server.Log.Appended);
    }

    [Fact]
    public async Task What_the_ledger_says_of_a_key_goes_before_a_candidate_that_Redis_holds()
    {
        server.Log.IsDurable = false;
        var first = await SendAsync();
        await FlushRedisAsync();
        await HoldInRedisAsync(new HeldKey(new MessageId(Guid.CreateVersion7(TimeProvider.System.GetUtcNow())), new byte[32], IsAcknowledged: false));

        var repeat = await SendAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => SendAsync(static r => r.Body = "Another text"));

        Assert.Equal((first.MessageId, true), (repeat.MessageId, repeat.Repeated));
        Assert.Equal(StatusCode.AlreadyExists, error.StatusCode);
    }

    [Fact]
    public async Task On_a_broker_that_forgets_a_committed_row_is_the_acceptance()
    {
        server.Log.IsDurable = false;
        server.Log.Instead = static _ => ProduceOutcome.Unknown("The broker went away.");

        var accepted = await SendAsync();

        await using var read = server.Database.CreateCommand("SELECT count(*) FROM messages WHERE id = $1");
        read.Parameters.Add(new() { Value = Guid.Parse(accepted.MessageId) });
        Assert.Equal(1L, await read.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Twins_that_come_at_once_become_one_message()
    {
        server.Log.IsDurable = false;

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SendAsync()));

        Assert.Single(answers.Select(static a => a.MessageId).Distinct());
        Assert.Single(answers, static a => !a.Repeated);
    }

    [Fact]
    public async Task A_key_of_a_REST_batch_counts_for_each_of_its_items()
    {
        var first = await PostBatchAsync("one", "two");
        var repeat = await PostBatchAsync("one", "three");

        Assert.Equal([202, 202], first.Select(static r => r.GetProperty("status").GetInt32()));
        Assert.Equal([202, 409], repeat.Select(static r => r.GetProperty("status").GetInt32()));
        Assert.Equal(Id(first[0]), Id(repeat[0]));
        Assert.True(repeat[0].GetProperty("message").GetProperty("repeated").GetBoolean());
        Assert.Equal(Id(first[1]), repeat[1].GetProperty("error").GetProperty("message_id").GetString());
    }

    [Fact]
    public async Task A_header_and_a_field_that_differ_are_refused()
    {
        using var request = Post("/v1/messages", """{"to": "+14155550123", "body": "x", "purpose": "marketing", "idempotency_key": "other"}""");

        using var answer = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("give one of them", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<SendResponse> SendAsync(Action<SendRequest>? change = null)
    {
        var request = new SendRequest { To = "+14155550123", Body = "Your code is 123456", Purpose = SmsCrm.Contracts.V1.Purpose.Transactional, IdempotencyKey = _key };
        change?.Invoke(request);
        return await server.Grpc.SendAsync(request, server.Credentials());
    }

    private async Task FlushRedisAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.Redis.ConnectionString},allowAdmin=true");
        await redis.GetServers()[0].FlushDatabaseAsync();
    }

    private async Task HoldInRedisAsync(HeldKey held)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Redis.ConnectionString);
        await redis.GetDatabase().StringSetAsync($"smscrm:send-key:{server.Tenant.Value:N}:{_key}", held.ToBytes());
    }

    private async Task<List<JsonElement>> PostBatchAsync(params string[] bodies)
    {
        var messages = bodies.Select(static b => $$"""{"to": "+14155550123", "body": "{{b}}", "purpose": "marketing"}""");
        using var request = Post("/v1/messages/batch", $$"""{"messages": [{{string.Join(',', messages)}}]}""");
        using var answer = await server.Http.SendAsync(request);
        return [.. JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("results").EnumerateArray()];
    }

    private HttpRequestMessage Post(string path, string json)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", _key);
        return request;
    }

    private static string? Id(JsonElement result) => result.GetProperty("message").GetProperty("message_id").GetString();
}
