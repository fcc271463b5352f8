/**
 * The completion script of each shell. All they do is hand the words of the line to `meshsim completion words`, which answers
 * with a candidate a line, `word<TAB>doc`, and `:files` or `:open` as its last line (see `candidates.ts`).
 *
 * Our own, because the libraries that were looked at paste the line into `eval`, so that pressing TAB can run what stands in it
 * (`@bomb.sh/tab` 0.0.22), never offer files after they have been asked, or are no longer kept (`omelette`, `tabtab`).
 */
export const SHELLS = ['bash', 'zsh', 'fish', 'pwsh'] as const;
export type ShellName = (typeof SHELLS)[number];

/** The answer's last line: files may stand there; the word goes on without a space. */
export const FILES_LINE = ':files';
export const OPEN_LINE = ':open';

export const SCRIPTS: Readonly<Record<ShellName, string>> = {
  bash: `# bash completion of meshsim:  source <(meshsim completion bash)
_meshsim() {
  local word current="\${COMP_WORDS[COMP_CWORD]}" line="\${COMP_LINE:0:COMP_POINT}"
  local -a words
  COMPREPLY=()
  # By spaces: bash itself would split words at = and :.
  read -ra words <<< "$line"
  [[ "$line" == *' ' ]] && words+=('')
  local last="\${words[-1]}"
  # What bash takes for the beginning of the word is not to be written again.
  local known="\${last%"$current"}"
  [[ "$current" == '=' ]] && known="$last"
  while IFS= read -r word; do
    case "$word" in
      ${FILES_LINE}) compopt -o default; return ;;
      ${OPEN_LINE}) compopt -o nospace; return ;;
      *) word="\${word%%$'\\t'*}"; COMPREPLY+=("\${word#"$known"}") ;;
    esac
  done < <(meshsim completion words -- "\${words[@]:1}" 2> /dev/null)
}
complete -F _meshsim meshsim
`,
  zsh: `#compdef meshsim
# zsh completion of meshsim:  source <(meshsim completion zsh)
_meshsim() {
  local line
  local -a found nospace
  for line in "\${(@f)$(meshsim completion words -- "\${(@)words[2,CURRENT]}" 2> /dev/null)}"; do
    case "$line" in
      ${FILES_LINE}) _files ;;
      ${OPEN_LINE}) nospace=(-S '') ;;
      *) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( \${#found} )) && _describe meshsim found "\${nospace[@]}"
}
compdef _meshsim meshsim
`,
  fish: `# fish completion of meshsim:  meshsim completion fish | source
function __meshsim_words
  set -l words (commandline -opc) (commandline -ct)
  set -l answer (meshsim completion words -- $words[2..-1] 2> /dev/null)
  for line in $answer
    switch $line
      case '${FILES_LINE}'
        __fish_complete_path (commandline -ct)
      case '${OPEN_LINE}'
      case '*'
        echo $line
    end
  end
end
complete -c meshsim -f -a '(__meshsim_words)'
`,
  pwsh: `# PowerShell completion of meshsim:  meshsim completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName meshsim -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -le $cursorPosition } | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '' }
  foreach ($line in (meshsim completion words -- @words 2> $null)) {
    if ($line -eq '${FILES_LINE}') { Get-ChildItem -Path "$wordToComplete*" | ForEach-Object { [System.Management.Automation.CompletionResult]::new((Resolve-Path -Relative $_.FullName), $_.Name, 'ParameterValue', $_.Name) } }
    elseif ($line -ne '${OPEN_LINE}') {
      $word, $doc = $line -split "\`t", 2
      if (-not $doc) { $doc = $word }
      [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $doc)
    }
  }
}
`,
};
