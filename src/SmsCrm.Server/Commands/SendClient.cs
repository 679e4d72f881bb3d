using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using SmsCrm.Contracts.V1;

namespace SmsCrm.Server.Commands;

/// <summary>What <c>smscrm send</c> was asked to send.</summary>
internal sealed record SendText(string To, string Body, Purpose Purpose, string Campaign, string? Sender, string IdempotencyKey)
{
    public SendRequest ToRequest()
    {
        var request = new SendRequest { To = To, Body = Body, Purpose = Purpose, CampaignId = Campaign, IdempotencyKey = IdempotencyKey };
        if (Sender is not null)
        {
            request.Sender = Sender;
        }

        return request;
    }
}

/// <summary>Sends through the public APIs, as any upstream system would.</summary>
internal sealed class SendClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly GrpcChannel _channel;
    private readonly HttpClient _rest;
    private readonly Metadata _headers;

    public SendClient(Uri grpc, Uri rest, string key)
    {
        _channel = GrpcChannel.ForAddress(grpc);
        _headers = new Metadata { { "authorization", $"Bearer {key}" } };
        _rest = new HttpClient { BaseAddress = rest, Timeout = Deadline };
        _rest.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public void Dispose()
    {
        _channel.Dispose();
        _rest.Dispose();
    }

    /// <summary>Sends one and prints its id; with <paramref name="wait"/> also what happens to it.</summary>
    public async Task<int> SendOneAsync(SendText text, bool wait, CancellationToken cancellation)
    {
        try
        {
            var deadline = TimeProvider.System.GetUtcNow().UtcDateTime + Deadline;
            var answer = await new MessageIngest.MessageIngestClient(_channel).SendAsync(text.ToRequest(), _headers, deadline, cancellation);
            await Console.Out.WriteLineAsync(answer.Repeated ? $"{answer.MessageId} (the key was known: this is the first message's id)" : answer.MessageId);
            return !wait || await FollowAsync(answer.MessageId, cancellation) ? ExitCodes.Ok : ExitCodes.Failed;
        }
        catch (RpcException refused)
        {
            throw new CommandException($"{refused.StatusCode}: {refused.Status.Detail}");
        }
    }

    /// <summary>Streams demo texts and prints how many were accepted.</summary>
    public async Task<int> SendManyAsync(SendText text, int count, CancellationToken cancellation)
    {
        try
        {
            using var stream = new MessageIngest.MessageIngestClient(_channel).SendStream(_headers, cancellationToken: cancellation);
            var reading = ReadAsync(stream.ResponseStream, cancellation);
            for (var i = 0; i < count && !reading.IsCompleted; i++)
            {
                await stream.RequestStream.WriteAsync(Numbered(text, i), cancellation);
            }

            await stream.RequestStream.CompleteAsync();
            var (accepted, firstError) = await reading;
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{accepted:N0} of {count:N0} accepted"));
            return firstError is null ? ExitCodes.Ok : throw new CommandException(firstError);
        }
        catch (IOException broken)
        {
            throw new CommandException($"The connection broke, and some texts may have been accepted: {broken.Message}");
        }
        catch (RpcException refused)
        {
            throw new CommandException($"{refused.StatusCode}: {refused.Status.Detail}");
        }
    }

    private static SendRequest Numbered(SendText text, int index)
    {
        var request = text.ToRequest();
        request.To = string.Create(CultureInfo.InvariantCulture, $"+1212555{index % 10_000:0000}");
        request.Body = text.Body.Length > 0 ? text.Body : string.Create(CultureInfo.InvariantCulture, $"Hello from SMS CRM, this is demo text {index + 1}.");
        request.ClientReference = index.ToString(CultureInfo.InvariantCulture);
        if (request.IdempotencyKey.Length > 0)
        {
            request.IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{request.IdempotencyKey}#{index}");
        }

        return request;
    }

    private static async Task<(int Accepted, string? FirstError)> ReadAsync(IAsyncStreamReader<SendResult> answers, CancellationToken cancellation)
    {
        var accepted = 0;
        string? firstError = null;
        await foreach (var answer in answers.ReadAllAsync(cancellation))
        {
            if (answer.OutcomeCase == SendResult.OutcomeOneofCase.Accepted)
            {
                accepted++;
            }
            else
            {
                firstError ??= $"Text {answer.ClientReference} was refused: {answer.Error.Message}";
            }
        }

        return (accepted, firstError);
    }

    /// <summary>Prints each event once; true when the message came to an end.</summary>
    private async Task<bool> FollowAsync(string id, CancellationToken cancellation)
    {
        var shown = 0;
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            using var answer = await _rest.GetAsync(new Uri($"/v1/messages/{id}", UriKind.Relative), cancellation);
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NotFound))
            {
                throw new CommandException($"The timeline could not be read: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellation)}");
            }

            if (answer.IsSuccessStatusCode)
            {
                using var message = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
                var events = message.RootElement.GetProperty("timeline").EnumerateArray().ToList();
                foreach (var line in events.Skip(shown).Select(Line))
                {
                    await Console.Out.WriteLineAsync(line);
                }

                shown = Math.Max(shown, events.Count);
                if (message.RootElement.GetProperty("final").GetBoolean())
                {
                    return true;
                }
            }

            await Task.Delay(Pause, cancellation);
        }

        await Console.Error.WriteLineAsync($"smscrm: {id} has not come to an end within {Patience.TotalMinutes:0} minutes");
        return false;
    }

    private static string Line(JsonElement step)
    {
        string Text(string name) => step.TryGetProperty(name, out var value) ? value.ToString() : "";
        return $"  {step.GetProperty("at").GetDateTimeOffset():HH:mm:ss.fff}  {Text("kind"),-12} {Text("reason")} {Text("provider_code")} {Text("detail")}".TrimEnd();
    }
}
