using System.Text;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// The arguments in a log's `Command:` line, in which valgrind puts backslashes before odd characters.
/// </summary>
internal static class CommandWords
{
    /// <summary>Splits a command at its blanks; at least one word, perhaps empty.</summary>
    internal static List<string> Split(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (int i = 0; i < command.Length; i++)
        {
            if (command[i] == '\\' && i + 1 < command.Length)
            {
                word.Append(command[++i]);
            }
            else if (command[i] == ' ')
            {
                words.Add(word.ToString());
                word.Clear();
            }
            else
            {
                word.Append(command[i]);
            }
        }

        words.Add(word.ToString());
        return words;
    }
}
