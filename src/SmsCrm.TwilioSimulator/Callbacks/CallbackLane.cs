using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace SmsCrm.TwilioSimulator.Callbacks;

/// <summary>Sends one callback at a time over a connection that it keeps.</summary>
internal sealed class CallbackLane(TimeProvider time) : IDisposable
{
    private readonly SignedForm _form = new();
    private readonly ArrayBufferWriter<byte> _request = new(2048);
    private volatile CallbackConnection? _connection;
    private long _deadline = long.MaxValue;
    private bool _isLate;

    /// <summary>Sends, and tells why it failed; <see cref="RetryCauses.None"/> when it was answered well.</summary>
    public async Task<RetryCauses> SendAsync(Callback callback, CancellationToken stopping)
    {
        Write(callback);
        var target = callback.Target;
        try
        {
            var connection = _connection;
            if (connection is null || !ReferenceEquals(connection.Endpoint, target.Endpoint))
                connection = await ConnectAsync(target, stopping).ConfigureAwait(false);
            Volatile.Write(ref _deadline, time.GetTimestamp() + (target.AnswerMs * time.TimestampFrequency / 1000));
            int status;
            try
            {
                status = await connection.SendAsync(_request.WrittenMemory).ConfigureAwait(false);
            }
            catch (IOException) when (connection.Answered > 0 && !_isLate)
            {
                // The server closed the idle connection; that says nothing about this callback.
                connection = await ConnectAsync(target, stopping).ConfigureAwait(false);
                status = await connection.SendAsync(_request.WrittenMemory).ConfigureAwait(false);
            }
            if (!connection.IsReusable)
                Disconnect();
            return status >= 500 ? RetryCauses.ServerError : status >= 400 ? RetryCauses.ClientError : RetryCauses.None;
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException or OperationCanceledException)
        {
            Disconnect();
            stopping.ThrowIfCancellationRequested();
            return _isLate ? RetryCauses.Answer : RetryCauses.Connect;
        }
        finally
        {
            Volatile.Write(ref _deadline, long.MaxValue);
            _isLate = false;
        }
    }

    /// <summary>Breaks off what has waited too long for its answer. From any thread.</summary>
    public void CheckDeadline()
    {
        if (time.GetTimestamp() > Volatile.Read(ref _deadline))
            BreakOff();
    }

    public void BreakOff()
    {
        _isLate = true;
        _connection?.Abort();
    }

    public void Dispose() => Disconnect();

    private async ValueTask<CallbackConnection> ConnectAsync(CallbackTarget target, CancellationToken stopping)
    {
        Disconnect();
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(target.ConnectMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
        var connection = await CallbackConnection.OpenAsync(target.Endpoint, either.Token).ConfigureAwait(false);
        _connection = connection;
        return connection;
    }

    private void Disconnect()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private void Write(Callback callback)
    {
        var target = callback.Target;
        _form.Begin(target.Url);
        callback.Fill(_form);
        var body = _form.Body.Span;
        _request.ResetWrittenCount();
        _request.Write("POST "u8);
        if (target.PathAndQuery.IsEmpty || target.PathAndQuery[0] != '/')
            _request.Write("/"u8);
        Encoding.UTF8.GetBytes(target.PathAndQuery, _request);
        _request.Write(" HTTP/1.1\r\n"u8);
        _request.Write(target.Endpoint.Headers);
        _request.Write("X-Twilio-Signature: "u8);
        Encoding.ASCII.GetBytes(_form.Sign(callback.Account.SigningKey), _request);
        _request.Write("\r\nI-Twilio-Idempotency-Token: "u8);
        Encoding.ASCII.GetBytes(callback.IdempotencyToken, _request);
        _request.Write("\r\nContent-Length: "u8);
        var digits = _request.GetSpan(11);
        body.Length.TryFormat(digits, out var written);
        _request.Advance(written);
        _request.Write("\r\n\r\n"u8);
        _request.Write(body);
    }
}
