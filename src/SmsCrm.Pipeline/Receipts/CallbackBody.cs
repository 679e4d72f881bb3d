using System.Buffers;
using System.IO.Pipelines;

namespace SmsCrm.Pipeline.Receipts;

/// <summary>Reads the provider's calls.</summary>
internal static class CallbackBody
{
    /// <summary>The whole body, still in the reader's memory; null where it is too long.</summary>
    public static async ValueTask<ReadOnlySequence<byte>?> ReadAsync(PipeReader body, int mostBytes, CancellationToken cancellation)
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellation).ConfigureAwait(false);
            if (result.Buffer.Length > mostBytes)
            {
                body.AdvanceTo(result.Buffer.End);
                return null;
            }

            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
