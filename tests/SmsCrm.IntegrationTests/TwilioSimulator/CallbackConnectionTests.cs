using SmsCrm.TestKit;
using SmsCrm.TwilioSimulator;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.IntegrationTests.TwilioSimulator;

public sealed class CallbackConnectionTests : IAsyncLifetime
{
    private const string Fine = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private RunningSimulator _simulator = null!;

    // One callback a message, and one lane, so that callbacks follow one another.
    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync(new TwilioSimulatorOptions
    {
        CallbackConcurrency = 1,
        Knobs = new SimulatorKnobs { Delivery = new DeliveryKnob(SilentShare: 1) },
    });

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Theory]
    [InlineData(Fine, 1)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length:   5\r\n\r\nThere", 1)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 3)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nThere\r\n0\r\n\r\n", 3)]
    public async Task A_connection_is_used_again_where_the_answer_allows_it(string answer, int connections)
    {
        await using var receiver = new RawReceiver(_ => answer);
        for (var i = 1; i <= 3; i++)
        {
            await CallBackAsync($"http://{receiver.Authority}/cb");
            await Eventually.EqualAsync(i, () => Counted("answered"));
        }

        Assert.Equal((3, connections), (receiver.Requests, receiver.Connections));
    }

    [Fact]
    public async Task A_connection_that_the_server_closed_while_it_was_idle_costs_no_attempt()
    {
        await using var receiver = new RawReceiver(n => n == 1 ? null : Fine);
        await CallBackAsync($"http://{receiver.Authority}/cb#rc=0");
        await Eventually.EqualAsync(1, () => Counted("answered"));
        await CallBackAsync($"http://{receiver.Authority}/cb#rc=0");

        await Eventually.EqualAsync(2, () => Counted("answered"));
        Assert.Equal((3, 0), (receiver.Requests, await Counted("retried")));
    }

    [Theory]
    [InlineData("SMTP ready\r\n\r\n")]
    [InlineData("HTTP/1.1 OK\r\n\r\n")]
    [InlineData(null)]
    public async Task What_is_no_answer_fails_as_a_connection_does_and_is_tried_again(string? first)
    {
        await using var receiver = new RawReceiver(n => n == 0 ? first : Fine);
        await CallBackAsync($"http://{receiver.Authority}/cb");

        await Eventually.EqualAsync(1, () => Counted("answered"));
        Assert.Equal((2, 1), (receiver.Requests, await Counted("retried")));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_given_up()
    {
        await using var receiver = new RawReceiver(_ => "");
        await CallBackAsync($"http://{receiver.Authority}/cb#rt=500&rc=1&rp=rt");

        await Eventually.EqualAsync(1, () => Counted("givenUp"));
        // What was given up may be read only now.
        await Eventually.TrueAsync(() => receiver.Requests == 2);
        Assert.Equal(1, await Counted("retried"));
    }

    [Fact]
    public async Task Nobody_listening_is_tried_again_once_unless_told_otherwise()
    {
        string gone;
        await using (var receiver = new RawReceiver(_ => Fine))
            gone = receiver.Authority;
        await CallBackAsync($"http://{gone}/cb");
        await Eventually.EqualAsync(1, () => Counted("givenUp"));
        Assert.Equal(1, await Counted("retried"));

        await CallBackAsync($"http://{gone}/cb#rc=0");
        await Eventually.EqualAsync(2, () => Counted("givenUp"));
        Assert.Equal(1, await Counted("retried"));
    }

    [Fact]
    public async Task The_request_goes_to_the_path_that_was_given_with_the_urls_credentials()
    {
        await using var receiver = new RawReceiver(_ => Fine);
        await CallBackAsync($"http://user:p%40ss@{receiver.Authority}?message=1");
        await Eventually.EqualAsync(1, () => Counted("answered"));

        Assert.StartsWith("POST /?message=1 HTTP/1.1\r\n", receiver.LastHead, StringComparison.Ordinal);
        Assert.Contains($"Host: {receiver.Authority}\r\n", receiver.LastHead, StringComparison.Ordinal);
        Assert.Contains("Authorization: Basic dXNlcjpwQHNz\r\n", receiver.LastHead, StringComparison.Ordinal);
    }

    private Task CallBackAsync(string url) => _simulator.CreateAsync(more: ("StatusCallback", url));

    private async Task<int> Counted(string what) => (await _simulator.CountsAsync()).GetProperty("callbacks").GetProperty(what).GetInt32();
}
