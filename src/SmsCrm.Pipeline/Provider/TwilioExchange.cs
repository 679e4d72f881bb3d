using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Twilio.Clients;
using Twilio.Http;
using TwilioHttpMethod = Twilio.Http.HttpMethod;

namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// The SDK's HTTP client for one call: sends it to the account's base address within the deadline, and remembers what was
/// answered, because the SDK's exceptions leave out the headers and turn every failure into the same.
/// </summary>
/// <param name="guard">Null for reads.</param>
/// <param name="maxAnswerBytes">A longer answer is an error.</param>
internal sealed class TwilioExchange(
    TwilioConnections connections, ProviderAccount account, PostGuard? guard, int maxAnswerBytes, CancellationToken deadline) : Twilio.Http.HttpClient
{
    private static readonly ProductInfoHeaderValue Product = new("smscrm", "0.1");
    private static readonly MediaTypeWithQualityHeaderValue Json = new("application/json");

    /// <summary>The HTTP status; 0 before an answer came.</summary>
    public int Status { get; private set; }

    /// <summary>The whole body; null before it came.</summary>
    public string? Body { get; private set; }

    public TimeSpan? RetryAfter { get; private set; }

    public ITwilioRestClient Client() => new TwilioRestClient(account.AccountSid, account.AuthToken, account.AccountSid, null, this, null) { LogLevel = null };

    public override Response MakeRequest(Request request) => throw new NotSupportedException("Only asynchronous calls");

    public override async Task<Response> MakeRequestAsync(Request request)
    {
        using var message = ToMessage(request);
        using var answer = await connections.SendAsync(message, deadline).ConfigureAwait(false);
        RetryAfter = answer.Headers.RetryAfter?.Delta;
        var body = await ReadAsync(answer, deadline).ConfigureAwait(false);
        Status = (int)answer.StatusCode;
        Body = body;
        return new Response(answer.StatusCode, body, answer.Headers);
    }

    private HttpRequestMessage ToMessage(Request request)
    {
        var message = new HttpRequestMessage(
            request.Method == TwilioHttpMethod.Post ? System.Net.Http.HttpMethod.Post : System.Net.Http.HttpMethod.Get,
            new Uri(account.BaseAddress, request.ConstructUrl().PathAndQuery));
        message.Headers.Authorization = new AuthenticationHeaderValue("Basic", Authentication(request.Username, request.Password));
        message.Headers.Accept.Add(Json);
        message.Headers.UserAgent.Add(Product);
        if (guard is not null)
        {
            message.Content = new PostContent(request.PostParams, guard);
        }

        return message;
    }

    private async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(4_096);
            try
            {
                var length = 0;
                while (true)
                {
                    var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
                    if (read == 0)
                    {
                        return Encoding.UTF8.GetString(buffer, 0, length);
                    }

                    length += read;
                    if (length > maxAnswerBytes)
                    {
                        throw new InvalidDataException($"the answer is longer than {maxAnswerBytes} bytes");
                    }

                    if (length == buffer.Length)
                    {
                        buffer = Grow(buffer, length);
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
