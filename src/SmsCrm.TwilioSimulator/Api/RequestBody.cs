using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>Reads a form's body, which is at most <see cref="Most"/> bytes (Kestrel answers 413 to a longer one).</summary>
internal static class RequestBody
{
    /// <summary>Far more than a create can use, so that a text that is too long is told so with Twilio's own error.</summary>
    public const int Most = 1024 * 1024;

    /// <summary>Reads the body and has it understood before its memory goes back to the server.</summary>
    public static async ValueTask<T> ReadAsync<T>(HttpRequest request, Func<ReadOnlySequence<byte>, T> understand)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(request.HttpContext.RequestAborted).ConfigureAwait(false);
            if (result.IsCompleted)
            {
                var understood = understand(result.Buffer);
                reader.AdvanceTo(result.Buffer.End);
                return understood;
            }
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public static CreateForm AsCreate(ReadOnlySequence<byte> body) =>
        CreateForm.Read(body.IsSingleSegment ? body.FirstSpan : body.ToArray());

    public static UpdateForm AsUpdate(ReadOnlySequence<byte> body) =>
        UpdateForm.Read(body.IsSingleSegment ? body.FirstSpan : body.ToArray());
}
