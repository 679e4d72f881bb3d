using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SmsCrm.Server.Local;

/// <summary>A loopback port and whose it is to be.</summary>
public sealed record NamedPort(string Name, int Port);

/// <summary>Says which ports are taken before anything starts, all of them at once.</summary>
public static class PortCheck
{
    /// <exception cref="LocalServerException">Some are taken or named twice; each stands in the message by name and number.</exception>
    public static void RequireFree(IReadOnlyList<NamedPort> ports)
    {
        var complaints = ports
            .GroupBy(port => port.Port)
            .Where(group => group.Count() > 1)
            .Select(group => string.Create(
                CultureInfo.InvariantCulture, $"{string.Join(" and ", group.Select(port => port.Name))} both have port {group.Key}"))
            .Concat(ports
                .Where(port => !IsFree(port.Port))
                .Select(port => string.Create(CultureInfo.InvariantCulture, $"{port.Name} needs port {port.Port}, which is in use")))
            .ToList();
        if (complaints.Count > 0)
        {
            throw new LocalServerException(string.Join("; ", complaints) + ". Nothing was started: end what uses them, or choose others");
        }
    }

    public static bool IsFree(int port)
    {
        try
        {
            // Without reuse a socket in TIME_WAIT would count as taken; .NET sets it on Unix.
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
